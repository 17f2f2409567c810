import type { RecentLike } from '@likewire/protocol';
import { commentLikesKey } from '../delivery/kinds/comment-likes.ts';
import { type LikesRows, NO_LIKES, revisionOf, totalsOf } from '../delivery/likes.ts';
import { sampleOf } from '../delivery/sample.ts';
import { likedComment, videoTopic } from '../delivery/topic.ts';
import { mergeUpdates, type Update, type Updates } from '../delivery/update.ts';
import type { Values } from '../delivery/values.ts';
import { type Command, type Commit, outcomeAt } from '../store/store.ts';
import { topicOfSubject } from '../store/subject.ts';

/**
 * The new state of each video of a batch, as the store of this region has it: what others said is theirs to tell. A
 * duplicate is published too: that heals a viewer who missed the first. Likes of a comment are told on its video's topic, and
 * to the stores of other regions, if there are any (`isAbroad`), as what they are.
 */
export function newsOf(region: string, isAbroad: boolean, commands: readonly Command[], commit: Commit): Updates {
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
	for (const [subject, rows] of commit.rows) {
		const own = rows[region];
		if (own === undefined) throw new Error(`the store told nothing of region ${region}, which is its own`);
		const liked = likedComment(topicOfSubject(subject));
		const rest = { rows: { [region]: own }, complete: false, at };
		if (liked === undefined) put(news, videoTopic(subject), { ...rest, sample: sampleOf(counted.get(subject) ?? []) });
		else {
			const values = commentLikes(liked.comment, rows, at);
			put(news, videoTopic(liked.video), { ...rest, rows: NO_LIKES, sample: [], values });
			if (isAbroad) put(news, topicOfSubject(subject), { ...rest, sample: [] });
		}
	}
	return news;
}

function put(news: Map<string, Update>, topic: string, update: Update): void {
	const before = news.get(topic);
	// mutant: publishes-all
	news.set(topic, before === undefined ? update : mergeUpdates(before, update));
}

/**
 * What is known of the likes of a comment, by region: viewers here who were told nothing of it yet would take what one
 * region counts for all. Only this region's own goes to the others.
 */
function commentLikes(comment: string, rows: LikesRows, at: number): Values {
	const registers = Object.entries(rows).map(([region, likes]) => {
		const counted = { [region]: likes };
		return [
			commentLikesKey(comment, region),
			{ order: revisionOf(counted), value: { totals: totalsOf(counted), at }, from: region },
		] as const;
	});
	return { 'comment-likes': Object.fromEntries(registers) };
}
