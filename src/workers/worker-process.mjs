// What the supervisor starts: one role, in a process that ends with its parent. Arguments: role home address port.
import { register } from 'tsx/esm/api';

register();
const { runSupervisedRole } = await import('./run-role.ts');
await runSupervisedRole(process.argv.slice(2));
// Native threads of a closed engine may linger.
process.exit(0);
