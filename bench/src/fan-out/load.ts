import { fileURLToPath } from 'node:url';
import { ended, start } from '../processes/child-processes.ts';
import type { FakeCluster, LoadAnswer, LoadCommand, LoadRate, LoadReport } from './load-messages.ts';

/** The directory from which `tsx` and the aliases of the repository resolve. */
const BENCH_DIR = fileURLToPath(new URL('../..', import.meta.url));

/** A process with the Likes nodes around a dispatcher, and with the sending parts of its frontends. */
export interface Load {
	/** Starts the nodes, and resolves when the dispatcher has the topics of every frontend. */
	play(cluster: FakeCluster): Promise<void>;
	/** Sets the rate of likes. */
	setRate(rate: LoadRate): Promise<void>;
	/** Clears the counts. */
	reset(): Promise<void>;
	report(): Promise<LoadReport>;
	close(): Promise<void>;
}

export function startLoad(): Load {
	const script = fileURLToPath(new URL('load-process.ts', import.meta.url));
	const child = start('load', process.execPath, ['--import', 'tsx', script], {
		cwd: BENCH_DIR,
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	});

	/** Sends a command, and resolves with its answer. Only one command may be in flight. */
	function ask(command: LoadCommand): Promise<LoadAnswer> {
		return new Promise((resolve, reject) => {
			const onExit = () => reject(new Error('the process of the load ended'));
			child.once('exit', onExit);
			child.once('message', (answer: LoadAnswer) => {
				child.off('exit', onExit);
				resolve(answer);
			});
			child.send(command);
		});
	}

	return {
		async play(cluster) {
			await ask({ ask: 'play', cluster });
		},
		async setRate(rate) {
			await ask({ ask: 'rate', rate });
		},
		async reset() {
			await ask({ ask: 'reset' });
		},
		async report() {
			const answer = await ask({ ask: 'report' });
			if (answer.answer !== 'report') throw new Error('the process of the load did not report');
			return answer.report;
		},
		async close() {
			child.disconnect();
			await ended(child, 5_000);
		},
	};
}
