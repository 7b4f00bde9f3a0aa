// The supervisor's child: one role, in a process that ends with its parent. Arguments: role home address port.
import { loadEntry } from '../../infra/bundle.mjs';

const { runSupervisedRole } = await loadEntry('run-role');
await runSupervisedRole(process.argv.slice(2));
// Native threads of a closed engine may linger.
process.exit(0);
