import type { RecentLike } from '@likewire/protocol';
import { sampleOf } from '../delivery/sample.ts';
import { videoTopic } from '../delivery/topic.ts';
import type { Update, Updates } from '../delivery/update.ts';
import { type Command, type Commit, outcomeAt } from '../store/store.ts';

/**
 * The new state of each video of a batch, as the store of this region has it: what others said is theirs to tell. A
 * duplicate is published too: that heals a viewer who missed the first.
 */
export function newsOf(region: string, commands: readonly Command[], commit: Commit): Updates {
	const counted = new Map<string, RecentLike[]>();
	let at = 0;
	for (const [index, command] of commands.entries()) {
		at = Math.max(at, command.at);
		if (command.kind !== 'like' || outcomeAt(commit, index).kind !== 'counted') continue;
		const { video, id, user, type } = command;
		const like = { id, user, type, at: command.at };
		const likes = counted.get(video);
		if (likes === undefined) counted.set(video, [like]);
		else likes.push(like);
	}
	const news = new Map<string, Update>();
	for (const [video, rows] of commit.rows) {
		const sample = sampleOf(counted.get(video) ?? []);
		const own = rows[region];
		if (own === undefined) throw new Error(`the store told nothing of region ${region}, which is its own`);
		news.set(videoTopic(video), { rows: { [region]: own }, complete: false, sample, at });
	}
	return news;
}
