import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { Load, type LoadLevel, type LoadSigns } from './load-level.ts';

/** How exactly the delay of the event loop is measured, in milliseconds. */
const RESOLUTION_MS = 10;

/** How much a frontend has to do, as it looked last. */
export interface LoadReport extends LoadSigns {
	readonly level: LoadLevel;
	/** Viewers who do not keep up. It raises no level: their own lines may be slow. */
	readonly blocked: number;
	/** Signals left out so far. */
	readonly shed: number;
	/** How often the level rose. */
	readonly rises: number;
}

/** What sends to viewers: it measures its own load, and leaves out what a level says. */
export interface LoadedSender {
	/** Viewers that did not keep up when it last looked. */
	readonly blocked: number;
	readonly topics: {
		/** Signals left out so far. */
		readonly shed: number;
		/** Returns the sign that they measure themselves, since the last call. */
		takeSigns(): Pick<LoadSigns, 'newsAgeMs'>;
		/** Leaves out as much as the level says from now on. */
		setLevel(level: LoadLevel): void;
	};
}

/** Looks at how much a frontend has to do, and has its hub leave out what that makes necessary. */
export interface LoadWatch {
	/** To be called about once a second, on the monotonic clock. */
	look(now: number): void;
	readonly report: LoadReport;
	close(): void;
}

export function createLoadWatch(hub: LoadedSender, logger: Logger): LoadWatch {
	const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
	delays.enable();
	const load = new Load();
	let signs: LoadSigns = { loopDelayMs: 0, newsAgeMs: 0 };
	let rises = 0;

	/**
	 * What one in ten delays was above, since this was last asked: one stall alone is no load. What is measured is the time
	 * between two looks of a timer.
	 */
	function takeLoopDelay(): number {
		const delay = delays.count === 0 ? 0 : delays.percentile(90) / 1e6 - RESOLUTION_MS;
		delays.reset();
		return Math.max(0, delay);
	}

	return {
		look(now) {
			const before = load.level;
			signs = { loopDelayMs: takeLoopDelay(), ...hub.topics.takeSigns() };
			const level = load.look(signs, now);
			if (level === before) return;
			hub.topics.setLevel(level);
			if (level > before) {
				rises++;
				// Not `level`: that is the logger's own.
				logger.warn(
					{ loadLevel: level, ...signs },
					'more to do than can be done: frames are rarer, and less is in them',
				);
			} else logger.info({ loadLevel: level }, 'there is less to do again');
		},
		get report() {
			return { level: load.level, ...signs, blocked: hub.blocked, shed: hub.topics.shed, rises };
		},
		close: () => delays.disable(),
	};
}
