// Loaded with `--import`: kills its process, as a power cut would, before call number KILL_AT of the file system.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const WATCHED = ['writeSync', 'fsyncSync', 'renameSync', 'rmSync'];
const killAt = Number(process.env.KILL_AT);
let calls = 0;
for (const name of WATCHED) {
	const original = fs[name];
	fs[name] = (...args) => {
		// Counts only files in the data directory and the backup: the process opens others, too.
		if (typeof args[0] === 'number' || String(args[0]).startsWith(process.env.KILL_BELOW)) {
			if (++calls === killAt) process.kill(process.pid, 'SIGKILL');
		}
		return original(...args);
	};
}
syncBuiltinESMExports();
