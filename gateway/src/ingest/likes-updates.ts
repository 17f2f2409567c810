import type { RecentLike } from '@likewire/protocol';
import { sampleOf } from '../state/sample.ts';
import { kindOf } from '../state/topics/topic.ts';
import type { Update, Updates } from '../state/update.ts';
import { type Command, type Commit, outcomeAt } from '../store/store.ts';

/**
 * Returns the new state of each video and each comment of a batch, also of a duplicate, for viewers
 * that missed the first. The update of a video has the row of this region, since viewers have the
 * other rows. The update of a comment has all rows, since a frontend keeps only the comments that were
 * liked last.
 */
export function updatesOf(region: string, commands: readonly Command[], commit: Commit): Updates {
	const counted = new Map<string, RecentLike[]>();
	let at = 0;
	for (const [index, command] of commands.entries()) {
		at = Math.max(at, command.at);
		if (command.kind !== 'like' || outcomeAt(commit, index).kind !== 'counted') continue;
		const { topic, id, user, type, position } = command;
		const like = { id, user, type, at: command.at, ...(position !== undefined && { position }) };
		const likes = counted.get(topic);
		if (likes === undefined) counted.set(topic, [like]);
		else likes.push(like);
	}
	const updates = new Map<string, Update>();
	for (const [topic, rows] of commit.rows) {
		const own = rows[region];
		if (own === undefined) throw new Error(`the store left out region ${region}, which is its own`);
		const isVideo = kindOf(topic) === 'video';
		const update: Update = {
			rows: isVideo ? { [region]: own } : rows,
			complete: !isVideo,
			sample: isVideo ? sampleOf(counted.get(topic) ?? []) : [],
			at,
		};
		// mutant: publishes-all
		updates.set(topic, update);
	}
	return updates;
}
