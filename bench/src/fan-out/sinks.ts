import { createInterface } from 'node:readline';
import type { Buckets } from '../measure/histogram.ts';
import { ended, start } from '../processes/child-processes.ts';
import { compile } from '../processes/compile.ts';

/** The counts of all sinks since the last reset. */
export interface SinksReport {
	/** CPU of the process since its start. */
	readonly cpuMs: number;
	readonly requests: number;
	readonly bytes: number;
	/** From the acceptance of a like to its arrival, for a sample of requests. */
	readonly delay: { readonly maxMs: number; readonly sumMs: number; readonly buckets: Buckets };
}

/** The receiving parts of frontends without viewers, in one process in C. */
export interface Sinks {
	/** The port of each sink, `frontend-0` first. */
	readonly ports: readonly number[];
	readonly incarnation: number;
	reset(): void;
	report(): Promise<SinksReport>;
	close(): Promise<void>;
}

/** Starts sinks. Rejects without a C compiler. */
export async function startSinks(count: number): Promise<Sinks> {
	const incarnation = Date.now();
	const child = start('load', compile('sinks'), [String(count), String(incarnation)], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const { stdin, stdout } = child;
	if (stdin === null || stdout === null) throw new Error('the sinks have no input or output');
	const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
	const next = async () => JSON.parse((await lines.next()).value ?? '{}');
	const { ports }: { ports: number[] } = await next();
	return {
		ports,
		incarnation,
		reset: () => void stdin.write('reset\n'),
		report() {
			stdin.write('report\n');
			return next();
		},
		async close() {
			stdin.end();
			await ended(child, 1_000);
		},
	};
}
