import { inOrder, type LogEvent, type LogUpdate } from '../state/log.ts';
import type { Update, Updates } from '../state/update.ts';
import type { LogCommand, LogCommit, LogOutcome } from '../store/log-store.ts';

/** Outcomes that are published; a refused command changed nothing. */
const PUBLISHED: readonly LogOutcome['kind'][] = ['added', 'duplicate', 'ended', 'videoEnded'];

/**
 * Returns the update of each topic of a batch, also of a duplicate and of a video that is over, for
 * viewers that missed the first. Each event is published under the log that numbered it: under the log
 * of this region, an event of another region would have the number of a second event, and viewers
 * would drop one of both.
 */
export function logUpdateOf(region: string, commands: readonly LogCommand[], commit: LogCommit): Updates {
	const logsOf = new Map<string, Map<string, Logged>>();
	let at = 0;
	for (const [index, command] of commands.entries()) {
		at = Math.max(at, command.at);
		const outcome = commit.outcomes[index];
		if (outcome === undefined || !PUBLISHED.includes(outcome.kind)) continue;
		const logs = logsOf.get(command.topic) ?? new Map<string, Logged>();
		logsOf.set(command.topic, logs);
		if (!('event' in outcome)) continue;
		// mutant: publishes-under-its-log
		const { region: by, epoch, event } = outcome;
		const log = logs.get(by) ?? { epoch, events: [] };
		logs.set(by, log);
		log.events.push(event);
	}
	const updates = new Map<string, Update>();
	for (const [topic, logs] of logsOf) {
		const own = commit.rows.get(topic)?.[region];
		if (own === undefined) throw new Error(`the store left out region ${region}, which is its own`);
		updates.set(topic, {
			rows: { [region]: own },
			complete: false,
			sample: [],
			at,
			...(logs.size > 0 && { log: logUpdate(logs) }),
		});
	}
	return updates;
}

/** The events of a batch in the log of one region. */
interface Logged {
	readonly epoch: number;
	readonly events: LogEvent[];
}

function logUpdate(logs: ReadonlyMap<string, Logged>): LogUpdate {
	return Object.fromEntries(
		[...logs].map(([region, { epoch, events }]) => [region, { epoch, events: inOrder(events) }]),
	);
}
