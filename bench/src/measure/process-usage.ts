import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: fixed at 100 for programs on every Linux. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU that a process used so far. */
export interface CpuTime {
	/** All threads. */
	readonly process: number;
	/** The main thread: of a gateway, the event loop. */
	readonly mainThread: number;
	/** When it was read, in seconds of the monotonic clock. */
	readonly readAt: number;
}

/** What a process used; undefined where there is no /proc. */
export function cpuTime(pid: number): CpuTime | undefined {
	const whole = secondsIn(`/proc/${pid}/stat`);
	const main = secondsIn(`/proc/${pid}/task/${pid}/stat`);
	if (whole === undefined || main === undefined) return undefined;
	return { process: whole, mainThread: main, readAt: performance.now() / 1000 };
}

/** Cores in use between two readings, by all threads and by the main one. */
export function coresUsed(from: CpuTime | undefined, to: CpuTime | undefined) {
	if (from === undefined || to === undefined) return undefined;
	const seconds = to.readAt - from.readAt;
	return {
		process: (to.process - from.process) / seconds,
		mainThread: (to.mainThread - from.mainThread) / seconds,
	};
}

/** Resident bytes of a process; undefined where there is no /proc. */
export function residentBytes(pid: number): number | undefined {
	const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
	return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function secondsIn(file: string): number | undefined {
	// The second field is the name in brackets, which may hold anything; utime and stime are the 14th and 15th.
	const fields = read(file)?.split(') ').pop()?.split(' ');
	return fields && (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function read(file: string): string | undefined {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		// Another system, or the process is gone: there is nothing to measure.
		return undefined;
	}
}
