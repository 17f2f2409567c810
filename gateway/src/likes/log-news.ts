import type { LogEvent } from '../delivery/log.ts';
import type { Update, Updates } from '../delivery/update.ts';
import type { LogCommand, LogCommit, LogOutcome } from '../store/log-store.ts';

/** What became of a command that there is something to tell of: what was refused changed nothing. */
const TELLING: readonly LogOutcome['kind'][] = ['added', 'duplicate', 'ended', 'videoEnded'];

/**
 * What each topic of a batch has to tell, as the store of this region has it. A duplicate is told again, and so is that a
 * video is over, when somebody who does not know yet writes about it: that heals who missed the first.
 */
export function logNewsOf(region: string, commands: readonly LogCommand[], commit: LogCommit): Updates {
	const told = new Map<string, LogEvent[]>();
	let at = 0;
	for (const [index, command] of commands.entries()) {
		at = Math.max(at, command.at);
		const outcome = commit.outcomes[index];
		if (outcome === undefined || !TELLING.includes(outcome.kind)) continue;
		const events = told.get(command.topic) ?? [];
		told.set(command.topic, events);
		if ('event' in outcome) events.push(outcome.event);
	}
	const news = new Map<string, Update>();
	for (const [topic, events] of told) {
		const own = commit.rows.get(topic)?.[region];
		if (own === undefined) throw new Error(`the store told nothing of region ${region}, which is its own`);
		news.set(topic, {
			rows: { [region]: own },
			complete: false,
			sample: [],
			at,
			...(events.length > 0 && { log: { [region]: { epoch: own.epoch, events: inOrder(events) } } }),
		});
	}
	return news;
}

/** By their offsets, each once; of a comment that was deleted by a later command of the batch, that it was. */
function inOrder(events: readonly LogEvent[]): LogEvent[] {
	const byOffset = new Map<number, LogEvent>();
	for (const event of events) {
		if (byOffset.get(event.offset)?.kind !== 'erased') byOffset.set(event.offset, event);
	}
	return [...byOffset.values()].sort((a, b) => a.offset - b.offset);
}
