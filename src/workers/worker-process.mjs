// The supervisor's child: one role, in a process that ends with its parent. Arguments: role home address port [socket].
import { loadEntry } from '../../infra/bundle.mjs';

const { runSupervisedRole } = await loadEntry('run-role');
// After the bundle, which other users of the same folder of the project may run too.
process.umask(0o077);
await runSupervisedRole(process.argv.slice(2));
// Native threads of a closed engine may linger.
process.exit(0);
