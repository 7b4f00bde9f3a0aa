/**
 * Encrypts messages and stack traces of failures too. Temporal's SDK loads this file by its path, in workers, clients and
 * workflows, with `require`: Node 20 reads neither TypeScript nor ES modules there.
 */
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
