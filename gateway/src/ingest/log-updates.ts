import { inOrder, type LogEvent, type LogUpdate } from '../state/log.ts';
import type { Update, Updates } from '../state/update.ts';
import type { LogCommand, LogCommit, LogOutcome } from '../store/log-store.ts';

/** What became of a command that there is something to tell of: what was refused changed nothing. */
const TELLING: readonly LogOutcome['kind'][] = ['added', 'duplicate', 'ended', 'videoEnded'];

/**
 * The update of each topic of a batch, as the store of this region has it. A duplicate is published again, which heals
 * viewers who missed the first; that a video is over likewise. Each event is published under the log that numbered it: under
 * the own one, the number of another region's event would stand for two, and viewers would drop the second.
 */
export function logUpdateOf(region: string, commands: readonly LogCommand[], commit: LogCommit): Updates {
	const told = new Map<string, Map<string, Logged>>();
	let at = 0;
	for (const [index, command] of commands.entries()) {
		at = Math.max(at, command.at);
		const outcome = commit.outcomes[index];
		if (outcome === undefined || !TELLING.includes(outcome.kind)) continue;
		const logs = told.get(command.topic) ?? new Map<string, Logged>();
		told.set(command.topic, logs);
		if (!('event' in outcome)) continue;
		// mutant: publishes-under-its-log
		const { region: by, epoch, event } = outcome;
		const log = logs.get(by) ?? { epoch, events: [] };
		logs.set(by, log);
		log.events.push(event);
	}
	const news = new Map<string, Update>();
	for (const [topic, logs] of told) {
		const own = commit.rows.get(topic)?.[region];
		if (own === undefined) throw new Error(`the store told nothing of region ${region}, which is its own`);
		news.set(topic, {
			rows: { [region]: own },
			complete: false,
			sample: [],
			at,
			...(logs.size > 0 && { log: newsOfLogs(logs) }),
		});
	}
	return news;
}

/** What a batch has to say of the log of one region. */
interface Logged {
	readonly epoch: number;
	readonly events: LogEvent[];
}

function newsOfLogs(logs: ReadonlyMap<string, Logged>): LogUpdate {
	return Object.fromEntries(
		[...logs].map(([region, { epoch, events }]) => [region, { epoch, events: inOrder(events) }]),
	);
}
