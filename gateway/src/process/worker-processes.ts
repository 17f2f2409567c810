import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { WorkerOrder, WorkerReport } from './worker-messages.ts';

/** The wait before a worker that ended starts again, in milliseconds; it doubles while starts fail. */
const RESTART = { leastMs: 200, mostMs: 10_000 };

/**
 * The longest start of a worker until it serves, in milliseconds; then it is killed. Starts take 1 s on
 * a quiet machine, and many times that on one that starts many processes.
 */
const START_MS = 60_000;

/** A worker that ran for this long did not fail at its start, in milliseconds. */
const SETTLED_MS = 30_000;

export interface WorkerProcessesOptions {
	/** The program of a worker. */
	readonly file: URL;
	readonly count: number;
	/** The port that the workers share. */
	readonly port: number;
	/** Returns what a worker starts with; the incarnation differs in each of its lives, and grows. */
	readonly setupOf: (worker: number, incarnation: number) => unknown;
	/** Called when a worker takes requests of the main process at this address. */
	readonly onLinked: (worker: number, url: string) => void;
	/** Called when a worker ended. */
	readonly onEnd: (worker: number) => void;
	/** The longest start of a worker in milliseconds; 60 s by default. */
	readonly startMs?: number;
	readonly logger: Logger;
}

/** A worker as operators see it. */
export interface WorkerState {
	/** Its number, from 1 on. */
	readonly worker: number;
	/** Its process; undefined while it does not serve viewers. */
	readonly pid: number | undefined;
}

/** The worker processes of a node. */
export interface WorkerProcesses {
	/** Starts all workers. Settles when all serve. Rejects with the reason when one cannot, and ends all. */
	start(): Promise<void>;
	readonly states: readonly WorkerState[];
	/** Orders something of all workers. */
	order(order: WorkerOrder): void;
	/** Kills a worker that hangs; it starts again. */
	kill(worker: number): void;
	/** Lets all workers end their connections and stop. Settles when they ended; kills those that run after `timeoutMs`. */
	stop(timeoutMs: number): Promise<void>;
}

export function createWorkerProcesses(options: WorkerProcessesOptions): WorkerProcesses {
	const { file, count, port, onEnd, startMs = START_MS, logger } = options;
	const workers = new Map<number, WorkerProcess>();
	let incarnation = 0;
	let stopping = false;

	/** Runs a worker once. Resolves when it serves; rejects when it ends before. */
	function run(worker: number): Promise<void> {
		// By the wall time, as those of nodes, and growing also after a clock was set back.
		incarnation = Math.max(incarnation + 1, Date.now());
		const setup = options.setupOf(worker, incarnation);
		return new Promise((resolve, reject) => {
			const started = new WorkerProcess(file, setup, startMs, {
				onLinked(url) {
					options.onLinked(worker, url);
					started.order({ kind: 'serve', port });
				},
				onServing: resolve,
				onEnd({ reason }) {
					onEnd(worker);
					reject(new Error(reason));
				},
			});
			workers.set(worker, started);
		});
	}

	/** Starts a worker again each time that it ends. */
	function watch(worker: number, waitMs: number): void {
		const watched = workers.get(worker);
		void watched?.ended.then((end) => {
			if (stopping) return;
			const restartMs = end.ranMs >= SETTLED_MS ? RESTART.leastMs : waitMs;
			logger.error({ worker, ...end, restartMs }, 'a worker ended; it starts again');
			setTimeout(() => {
				if (stopping) return;
				const startedAt = performance.now();
				run(worker).then(
					() => logger.info({ worker, startMs: Math.round(performance.now() - startedAt) }, 'a worker started again'),
					// Its end is logged.
					() => undefined,
				);
				watch(worker, Math.min(2 * restartMs, RESTART.mostMs));
			}, restartMs);
		});
	}

	async function stop(timeoutMs: number): Promise<void> {
		stopping = true;
		const running = [...workers.values()];
		for (const worker of running) worker.order({ kind: 'stop' });
		const timer = setTimeout(() => {
			logger.error({ timeoutMs }, 'workers did not stop in time; they are killed');
			for (const worker of running) worker.kill();
		}, timeoutMs);
		await Promise.all(running.map(({ ended }) => ended));
		clearTimeout(timer);
	}

	return {
		async start() {
			try {
				await Promise.all(Array.from({ length: count }, (_, index) => run(index + 1)));
			} catch (error) {
				stopping = true;
				for (const worker of workers.values()) worker.kill();
				await Promise.all([...workers.values()].map(({ ended }) => ended));
				throw error;
			}
			for (const worker of workers.keys()) watch(worker, RESTART.leastMs);
		},
		get states() {
			return [...workers].map(([worker, { pid, serves }]) => ({ worker, pid: serves ? pid : undefined }));
		},
		order(order) {
			for (const worker of workers.values()) worker.order(order);
		},
		kill: (worker) => workers.get(worker)?.kill(),
		stop,
	};
}

interface WorkerEvents {
	onLinked(url: string): void;
	onServing(): void;
	onEnd(end: WorkerEnd): void;
}

/** The end of a worker. */
interface WorkerEnd {
	/** A text for operators. */
	readonly reason: string;
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	/** How long it ran, in milliseconds. */
	readonly ranMs: number;
}

/** One life of a worker. */
class WorkerProcess {
	readonly ended: Promise<WorkerEnd>;
	/** Whether it serves viewers. */
	serves = false;
	readonly #child: ChildProcess;
	readonly #startTimer: NodeJS.Timeout;
	/** Why it ends; undefined when the system alone knows. */
	#reason: string | undefined;

	constructor(file: URL, setup: unknown, startMs: number, events: WorkerEvents) {
		const startedAt = performance.now();
		this.#startTimer = setTimeout(() => {
			this.#reason ??= `a worker did not serve viewers within ${startMs} ms`;
			this.kill();
		}, startMs);
		// Structured clones keep the maps and sets of a setup.
		this.#child = fork(fileURLToPath(file), {
			serialization: 'advanced',
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		});
		this.#child.on('message', (report: WorkerReport) => this.#take(report, events));
		this.#child.on('error', (error) => {
			this.#reason ??= error.message;
		});
		this.ended = new Promise((resolve) => {
			// A process that cannot be created has no exit.
			const end = (code: number | null, signal: NodeJS.Signals | null) => {
				this.serves = false;
				clearTimeout(this.#startTimer);
				const reason = this.#reason ?? `a worker ended with ${signal ?? `code ${code}`}`;
				const ended = { reason, code, signal, ranMs: Math.round(performance.now() - startedAt) };
				events.onEnd(ended);
				resolve(ended);
			};
			this.#child.once('exit', end);
			if (this.#child.pid === undefined) this.#child.once('error', () => end(null, null));
		});
		this.order({ kind: 'start', setup });
	}

	get pid(): number | undefined {
		return this.#child.pid;
	}

	order(order: WorkerOrder): void {
		// Its end follows as an event of its own.
		if (this.#child.connected) this.#child.send(order, () => undefined);
	}

	kill(): void {
		this.#child.kill('SIGKILL');
	}

	#take(report: WorkerReport, events: WorkerEvents): void {
		if (report.kind === 'linked') events.onLinked(report.url);
		else if (report.kind === 'failed') this.#reason = report.reason;
		else {
			clearTimeout(this.#startTimer);
			this.serves = true;
			events.onServing();
		}
	}
}
