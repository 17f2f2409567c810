/** What the threads of a page spent while a trace was recorded. */
export interface FrameCosts {
	/** The CPU time of each frame, in milliseconds: callbacks, layout, paint, and drawing of the canvas. */
	readonly frameMs: readonly number[];
	/** The CPU time of all tasks of the main thread. */
	readonly mainMs: number;
	/** The CPU time of all tasks of workers. */
	readonly workerMs: number;
	/** The number of frames that workers drew. */
	readonly workerFrames: number;
}

/** An event of Chromium's trace. Times are in microseconds; `tdur` is CPU time. */
interface TraceEvent {
	readonly name: string;
	readonly ph: string;
	readonly pid: number;
	readonly tid: number;
	readonly ts: number;
	readonly dur?: number;
	readonly tdur?: number;
	readonly args?: { readonly name?: string };
}

/** Returns the CPU time of each task with a frame. Wall time would measure what else the machine does. */
export function frameCostsOf({ traceEvents }: { readonly traceEvents: readonly TraceEvent[] }): FrameCosts {
	const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
	const isName = (event: TraceEvent) => event.ph === 'M' && event.name === 'thread_name';
	function on(name: string): TraceEvent[] {
		const named = traceEvents.filter((event) => isName(event) && event.args?.name === name);
		const threads = new Set(named.map(threadOf));
		return traceEvents.filter((event) => threads.has(threadOf(event)));
	}
	const onMain = on('CrRendererMain');
	const onWorkers = on('DedicatedWorker thread');
	const tasks = onMain.filter(({ name }) => name === 'RunTask');
	const commits = onMain.filter(({ name }) => name === 'Commit');
	const cpuMs = ({ tdur = 0 }: TraceEvent) => tdur / 1_000;
	const isIn = (task: TraceEvent, { ts, pid }: TraceEvent) =>
		pid === task.pid && ts >= task.ts && ts < task.ts + (task.dur ?? 0);
	const sum = (events: readonly TraceEvent[]) => events.reduce((total, event) => total + cpuMs(event), 0);
	return {
		frameMs: tasks.filter((task) => commits.some((commit) => isIn(task, commit))).map(cpuMs),
		mainMs: sum(tasks),
		workerMs: sum(onWorkers.filter(({ name }) => name === 'RunTask')),
		workerFrames: onWorkers.filter(({ name }) => name === 'FireAnimationFrame').length,
	};
}

/** Returns the value that a share of the values does not exceed; NaN without values. */
export function percentile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
