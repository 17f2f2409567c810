// Loaded into a gateway with --import: moves it to the cores in the query of this module's URL. Later threads and processes
// of the gateway start there, too. Workers load this module again, and run on these cores already.
import { execFileSync } from 'node:child_process';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
	const cores = new URL(import.meta.url).searchParams.get('cores');
	execFileSync('taskset', ['-a', '-c', '-p', cores, String(process.pid)], { stdio: ['ignore', 'ignore', 'inherit'] });
}
