import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { createUtilizationMeter } from '../../runtime/utilization.ts';
import { Load, type LoadLevel, type LoadSigns } from './load-level.ts';

/** The resolution of the measured delay of the event loop, in milliseconds. */
const RESOLUTION_MS = 10;

/** The load of a frontend at its last check. */
export interface LoadReport extends LoadSigns {
	readonly level: LoadLevel;
	/** Viewers that do not keep up. They raise no level, since their own networks may be slow. */
	readonly blocked: number;
	/** Signals left out since the start. */
	readonly shed: number;
	/** How often the level rose. */
	readonly rises: number;
}

/** A sender to viewers, which measures its own load and leaves out what a level says. */
export interface LoadedSender {
	/** Viewers that did not keep up at the last check. */
	readonly blocked: number;
	readonly topics: {
		/** Signals left out since the start. */
		readonly shed: number;
		/** Returns the sign that topics measure themselves, since the last call. */
		takeSigns(): Pick<LoadSigns, 'updateAgeMs'>;
		/** Leaves out what the level says from now on. */
		setLevel(level: LoadLevel): void;
	};
}

/** Measures the load of a frontend, and sets the level of its hub. */
export interface LoadMonitor {
	/** Checks the signs; runs about once a second. `now` is the monotonic clock. */
	look(now: number): void;
	readonly report: LoadReport;
	close(): void;
}

/**
 * A longer pause of the event loop is a stall, in milliseconds. A pass over the viewers that it
 * interrupted is long, and shows no load.
 */
const STALL_MS = 500;

/** Measures by how much the event loop is late, and how busy it is. */
export interface LoopMeter {
	/**
	 * Returns the 90th percentile of the delay since the last call and the longest, in milliseconds, and
	 * the share of time in which the loop did not wait.
	 */
	take(): { readonly usualMs: number; readonly longestMs: number; readonly utilization: number };
	close(): void;
}

/** Measures the event loop of this process, by its 90th percentile: one stall alone is no load. */
function measureLoop(): LoopMeter {
	const utilization = createUtilizationMeter();
	const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
	delays.enable();
	return {
		take() {
			// The histogram holds the time between two runs of a timer.
			const [usual, longest] = delays.count === 0 ? [0, 0] : [delays.percentile(90), delays.max];
			delays.reset();
			const delayOf = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
			return { usualMs: delayOf(usual), longestMs: delayOf(longest), utilization: utilization() };
		},
		close: () => delays.disable(),
	};
}

export function createLoadMonitor(hub: LoadedSender, logger: Logger, loopMeter = measureLoop()): LoadMonitor {
	const load = new Load();
	let signs: LoadSigns = { loopDelayMs: 0, updateAgeMs: 0, utilization: 0 };
	let rises = 0;
	/** The longest delay at the look before: its stall may have interrupted a pass that ended since. */
	let longestBefore = 0;

	function takeSigns(): LoadSigns {
		const { usualMs, longestMs, utilization } = loopMeter.take();
		const { updateAgeMs } = hub.topics.takeSigns();
		const stallMs = Math.max(longestMs, longestBefore);
		longestBefore = longestMs;
		// mutant: forgives-stall
		const isStalled = stallMs >= STALL_MS;
		const ageMs = isStalled ? Math.max(0, updateAgeMs - stallMs) : updateAgeMs;
		return { loopDelayMs: usualMs, updateAgeMs: ageMs, utilization };
	}

	return {
		look(now) {
			const before = load.level;
			signs = takeSigns();
			const level = load.look(signs, now);
			if (level === before) return;
			hub.topics.setLevel(level);
			if (level > before) {
				rises++;
				// Not `level`: the logger writes that key itself.
				logger.warn({ loadLevel: level, ...signs }, 'load level rose, frames are smaller');
			} else logger.info({ loadLevel: level }, 'load level fell');
		},
		get report() {
			return { level: load.level, ...signs, blocked: hub.blocked, shed: hub.topics.shed, rises };
		},
		close: () => loopMeter.close(),
	};
}
