/**
 * When its parent process ends in any way, this process kills the process groups and removes the directories that the parent
 * sent. Its standard input ends with the parent.
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
		// The group has ended already.
	}
}
// Retried, since a killed process may still write for a moment.
for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
