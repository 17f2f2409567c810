import type { CommentAnswer, Totals } from '@likewire/protocol';
import { type Clock, REAL_CLOCK } from '../runtime/clock.ts';
import { GatewayError } from '../runtime/errors.ts';
import { totalsOf } from '../state/counters.ts';
import { deletionOf, type LoggedEvent } from '../state/log.ts';
import { videoTopic } from '../state/topics/topic.ts';
import type { Updates } from '../state/update.ts';
import type { LogCommand, LogCommit, LogOutcome, LogStore } from '../store/log-store.ts';
import { commentOf } from './comment.ts';
import { ambiguousComment } from './comment-reads.ts';
import { createCommitter } from './committer.ts';
import { videoEnded } from './likes-service.ts';
import { logUpdateOf } from './log-updates.ts';
import type { StoreHealth } from './store-health.ts';

export interface LogServiceOptions {
	/** The region of the store. */
	readonly region: string;
	readonly store: Pick<LogStore, 'append'>;
	/** The time in which commands gather for one transaction, in milliseconds. */
	readonly commitWindowMs: number;
	/** Hands updates to a dispatcher. */
	readonly publish: (updates: Updates) => void;
	readonly health: StoreHealth;
	readonly clock?: Clock;
}

export interface CommentRequest {
	readonly video: string;
	readonly id: string;
	readonly user: string;
	/** The validated text: see `asCommentText`. */
	readonly text: string;
	/** The comment that this one answers. */
	readonly parent: string | undefined;
}

export interface EventRequest {
	readonly topic: string;
	readonly id: string;
	readonly name: string;
	/** JSON. */
	readonly data: unknown;
}

/** Writes logs. Each method resolves after the publication; rejects with a {@link GatewayError}. */
export interface LogService {
	comment(request: CommentRequest): Promise<CommentAnswer>;
	/** Deletes a comment of this user, or of any user for a moderator. A second call changes nothing. */
	deleteComment(request: {
		readonly video: string;
		readonly id: string;
		readonly user: string;
		readonly moderator: boolean;
		/** For a moderator: the author of the comment; undefined when the id belongs to one comment. */
		readonly author?: string | undefined;
	}): Promise<{ readonly duplicate: boolean }>;
	/** Adds a custom event of a server to the log of a topic. */
	addEvent(request: EventRequest): Promise<{ readonly duplicate: boolean }>;
	/** Ends a video, and resolves with its final totals. A second call changes nothing. */
	end(video: string): Promise<{ readonly totals: Totals; readonly duplicate: boolean }>;
	/** Takes no more writes. Settles when all accepted ones are committed and published. Idempotent. */
	close(): Promise<void>;
}

/** The outcome of a command, and the totals of its topic after it. */
interface Done {
	readonly outcome: LogOutcome;
	readonly totals: Totals;
}

export function createLogService(options: LogServiceOptions): LogService {
	const { region, store, commitWindowMs: windowMs, publish, health, clock = REAL_CLOCK } = options;
	const { submit, close } = createCommitter<LogCommand, Done>({ windowMs, carryOut, health, clock });

	async function carryOut(commands: readonly LogCommand[]): Promise<Done[]> {
		const commit = await store.append(commands);
		// failpoint: before-comment-answer
		// failpoint: before-comment-publish
		publish(logUpdateOf(region, commands, commit));
		return commands.map(({ topic }, index) => ({
			outcome: outcomeAt(commit, index),
			totals: totalsOf(commit.rows.get(topic) ?? {}),
		}));
	}

	/** Resolves with the event in the log. */
	async function add(command: LogCommand): Promise<LoggedEvent & { readonly duplicate: boolean }> {
		const { outcome } = await submit(command);
		if ('event' in outcome) return { ...outcome, duplicate: outcome.kind === 'duplicate' };
		throw refusalOf(outcome.kind);
	}

	return {
		async comment({ video, id, user, text, parent }) {
			const topic = videoTopic(video);
			const data = { text };
			const at = clock.wallTime();
			const command = { kind: 'append', event: 'comment', topic, id, user, data, parent, at } as const;
			const { region: by, event, duplicate } = await add(command);
			const deletion = deletionOf(event);
			// When the deletion of a comment arrived first, the store has only the deletion.
			const known = deletion === undefined ? { ...event, region: by } : { ...event, ...deletion, data: {} };
			return { ...commentOf(video, known), duplicate };
		},

		async deleteComment({ video, id, user, moderator, author }) {
			const topic = videoTopic(video);
			const { duplicate } = await add({ kind: 'delete', topic, id, user, moderator, author, at: clock.wallTime() });
			return { duplicate };
		},

		async addEvent({ topic, id, name, data }) {
			const command = { kind: 'append', event: 'custom', topic, id, user: '', data: { name, data } } as const;
			const { duplicate } = await add({ ...command, at: clock.wallTime() });
			return { duplicate };
		},

		async end(video) {
			const { outcome, totals } = await submit({ kind: 'end', topic: videoTopic(video), at: clock.wallTime() });
			return { totals, duplicate: outcome.kind === 'ended' && outcome.duplicate };
		},

		close,
	};
}

/** Returns the outcome of a command. Throws when the store left it out, which is a bug. */
function outcomeAt({ outcomes }: LogCommit, index: number): LogOutcome {
	const outcome = outcomes[index];
	if (outcome === undefined) throw new Error(`the store answered ${outcomes.length} commands, not the one at ${index}`);
	return outcome;
}

/** Returns the error for an outcome without an event. */
function refusalOf(kind: Exclude<LogOutcome['kind'], 'added' | 'duplicate'>): GatewayError {
	switch (kind) {
		case 'videoEnded':
		case 'ended':
			return videoEnded();
		case 'conflict':
			return new GatewayError('id_conflict', 'This id belongs to another event of this topic.');
		case 'unknownParent':
			return new GatewayError('parent_not_found', 'The comment to answer does not exist.');
		case 'parentIsAnswer':
			return new GatewayError(
				'invalid_parent',
				'The parent is itself an answer; set parent to the comment that it answers.',
			);
		case 'notFound':
			return new GatewayError('comment_not_found', 'The comment does not exist.');
		case 'notAuthor':
			return new GatewayError('forbidden', 'Only the author of a comment, or a moderator, can delete it.');
		case 'ambiguous':
			return ambiguousComment();
	}
}
