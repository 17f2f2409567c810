/**
 * Outlives the process that started it, for a moment: when that one ends, however it ends, this one kills the process
 * groups and removes the directories that it was told of. Standard input is the rope: it ends with its other end.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const groups = new Set();
const directories = new Set();

for await (const line of createInterface({ input: process.stdin })) {
	const { add = {}, forget = {} } = JSON.parse(line);
	if (add.group) groups.add(add.group);
	if (add.directory) directories.add(add.directory);
	groups.delete(forget.group);
	directories.delete(forget.directory);
}

for (const group of groups) {
	try {
		process.kill(-group, 'SIGKILL');
	} catch {
		// It ended by itself in this moment.
	}
}
// Retried, since what is killed may still be about to write.
for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
