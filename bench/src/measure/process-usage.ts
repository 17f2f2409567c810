import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: always 100 on Linux. */
const TICKS_PER_SECOND = 100;

/** The CPU time of a process, in seconds. */
export interface CpuTime {
	/** All threads. */
	readonly process: number;
	/** The main thread: of a gateway, the event loop. */
	readonly mainThread: number;
	/** The time of the reading, in seconds of the monotonic clock. */
	readonly readAt: number;
}

/** Reads the CPU time of a process; undefined without /proc. */
export function cpuTime(pid: number): CpuTime | undefined {
	const whole = secondsIn(`/proc/${pid}/stat`);
	const main = secondsIn(`/proc/${pid}/task/${pid}/stat`);
	if (whole === undefined || main === undefined) return undefined;
	return { process: whole, mainThread: main, readAt: performance.now() / 1000 };
}

/** The cores that a process used. */
export type CpuCores = Omit<CpuTime, 'readAt'>;

/** Returns the cores in use between two readings, of all threads and of the main thread. */
export function coresUsed(from: CpuTime | undefined, to: CpuTime | undefined): CpuCores | undefined {
	if (from === undefined || to === undefined) return undefined;
	const seconds = to.readAt - from.readAt;
	return {
		process: (to.process - from.process) / seconds,
		mainThread: (to.mainThread - from.mainThread) / seconds,
	};
}

/** Reads the resident bytes of a process; undefined without /proc. */
export function residentBytes(pid: number): number | undefined {
	const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
	return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function secondsIn(file: string): number | undefined {
	// The second field is a name in brackets with any characters; utime and stime are the 14th and 15th fields.
	const fields = read(file)?.split(') ').pop()?.split(' ');
	return fields && (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function read(file: string): string | undefined {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		// The system has no /proc, or the process has ended.
		return undefined;
	}
}
