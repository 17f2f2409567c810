import { randomUUID } from 'node:crypto';
import { isId } from '@likewire/protocol';
import { z } from 'zod';
import { Rejection, type RejectionReason } from '../http/rejections.ts';
import { GatewayError } from '../runtime/errors.ts';
import { idOf, kindOf, type TopicKind } from '../state/topics/topic.ts';

/**
 * What the claim `can` of a token can allow: to follow topics and read them; to like, and take likes
 * back; to comment, and delete own comments; to signal typing and receipts; to delete comments of
 * others.
 */
export const ACTIONS = ['watch', 'like', 'comment', 'signal', 'moderate'] as const;

export type Action = (typeof ACTIONS)[number];

/** The user or server that a request is for, with its proof and its rights. */
export interface Caller {
	/** How the caller proved its identity; in development mode it need not. */
	readonly proof: 'none' | 'token' | 'key';
	/** The user that the request is for; undefined when a server names none. */
	readonly user: string | undefined;
	/** The name of the server's API key; undefined for a user. */
	readonly server: string | undefined;
	/** The videos that it may name; undefined for all. */
	readonly videos: readonly string[] | undefined;
	/** The conversations that it may name; undefined for all. */
	readonly conversations: readonly string[] | undefined;
	/** The users whose presence it may see, in addition to its own; undefined for all. */
	readonly presence: readonly string[] | undefined;
	/** The topics of an operator's own that it may name; undefined for all. */
	readonly topics: readonly string[] | undefined;
	/** What it may do; undefined for every action but `moderate`. */
	readonly can: readonly Action[] | undefined;
	/** When the proof expires, in Unix milliseconds; infinite when it does not. */
	readonly expiresAt: number;
}

/** Returns a caller with all rights, except as `caller` states. */
export function makeCaller(caller: Pick<Caller, 'proof'> & Partial<Caller>): Caller {
	return {
		user: undefined,
		server: undefined,
		videos: undefined,
		conversations: undefined,
		presence: undefined,
		topics: undefined,
		can: undefined,
		expiresAt: Number.POSITIVE_INFINITY,
		...caller,
	};
}

/**
 * Returns the caller that a connection belongs to, as a text to compare: empty for an anonymous viewer
 * of development mode, whose connection belongs to any client that knows its id.
 */
export function connectionOwner(caller: Caller): string {
	return isAnonymous(caller) ? '' : `${caller.proof} ${caller.user ?? ''}`;
}

/**
 * Returns whether a caller may change a connection with this {@link connectionOwner}: its owner may,
 * and any server.
 */
export function mayChangeConnection(owner: string, caller: Caller): boolean {
	return caller.proof === 'key' || owner === '' || owner === connectionOwner(caller);
}

/** Throws a {@link Rejection} unless the caller may perform the action on all of these videos. */
export function authorize(caller: Caller, action: Action, videos: readonly string[]): void {
	allow(caller, action);
	for (const video of videos) allowTopic(caller, 'video', video);
}

/**
 * Throws a {@link Rejection} unless the caller may perform the action, by default `watch`, on all of
 * these topics.
 */
export function authorizeTopics(caller: Caller, topics: readonly string[], action: Action = 'watch'): void {
	allow(caller, action);
	for (const topic of topics) allowTopic(caller, kindOf(topic), idOf(topic));
}

/** Requested topics: those that the caller may follow, and the others with the reason. */
export interface WatchRights {
	readonly allowed: readonly string[];
	readonly refused: readonly { readonly topic: string; readonly refusal: Rejection }[];
}

/** Sorts topics by whether the caller may follow each. */
export function watchRights(caller: Caller, topics: readonly string[]): WatchRights {
	const allowed: string[] = [];
	const refused: { topic: string; refusal: Rejection }[] = [];
	for (const topic of topics) {
		const refusal = actionRefusal(caller, 'watch') ?? topicRefusal(caller, kindOf(topic), idOf(topic));
		if (refusal === undefined) allowed.push(topic);
		else refused.push({ topic, refusal });
	}
	return { allowed, refused };
}

/**
 * Returns whether the caller may delete comments of others: a server may, and a user with `moderate`
 * in its token.
 */
export function isModerator({ proof, can }: Caller): boolean {
	return proof === 'key' || (proof === 'token' && can?.includes('moderate') === true);
}

/** Throws a {@link Rejection} for a viewer's token. Development mode believes every client. */
export function authorizeServer({ proof }: Caller): void {
	if (proof !== 'token') return;
	throw new Rejection('forbidden', 'action_forbidden', 'This request requires an API key.');
}

function allow(caller: Caller, action: Action): void {
	const refusal = actionRefusal(caller, action);
	if (refusal !== undefined) throw refusal;
}

function actionRefusal({ can }: Caller, action: Action): Rejection | undefined {
	if (can === undefined || can.includes(action)) return undefined;
	return new Rejection(
		'forbidden',
		'action_forbidden',
		`The token does not have the right "${action}"; add it to the claim "can".`,
	);
}

/** For each kind of topics: the ones that a caller may name, and the text of a refusal. */
const ALLOWED: Readonly<
	Record<
		TopicKind,
		{
			readonly list: (caller: Caller) => readonly string[] | undefined;
			readonly reason: RejectionReason;
			readonly what: string;
		}
	>
> = {
	video: { list: ({ videos }) => videos, reason: 'video_forbidden', what: 'the video' },
	conversation: {
		list: ({ conversations }) => conversations,
		reason: 'conversation_forbidden',
		what: 'the conversation',
	},
	user: {
		list: ({ presence, user }) => presence && (user === undefined ? presence : [...presence, user]),
		reason: 'presence_forbidden',
		what: 'the presence of',
	},
	topic: { list: ({ topics }) => topics, reason: 'topic_forbidden', what: 'the topic' },
	// It counts likes; no viewer follows it.
	comment: { list: () => [], reason: 'topic_forbidden', what: 'the topic' },
};

function allowTopic(caller: Caller, kind: TopicKind, id: string): void {
	const refusal = topicRefusal(caller, kind, id);
	if (refusal !== undefined) throw refusal;
}

function topicRefusal(caller: Caller, kind: TopicKind, id: string): Rejection | undefined {
	const { list, reason, what } = ALLOWED[kind];
	const allowed = list(caller);
	if (allowed === undefined || allowed.includes(id)) return undefined;
	return new Rejection('forbidden', reason, `The token does not allow ${what} ${id}.`);
}

/** Returns the user of a request. Throws `user_required` when a server names none. */
export function userOf({ user }: Caller): string {
	if (user !== undefined) return user;
	throw new GatewayError('user_required', 'Name the user that the server acts for in X-Likewire-User.');
}

const ANONYMOUS = 'anonymous-';

/** Returns a random name for a client without one, which development mode accepts. */
export function anonymousUser(): string {
	return `${ANONYMOUS}${randomUUID()}`;
}

/**
 * Returns the user of a write with an id. A caller without a name gets another random one with every
 * request; named after the id of its write, it stays the same user in a retry.
 */
export function writerOf(caller: Caller, id: string): string {
	return isAnonymous(caller) ? ANONYMOUS + id : userOf(caller);
}

/**
 * Returns the user that is online while this caller watches; undefined for a server, and for an
 * anonymous viewer.
 */
export function presentUserOf(caller: Caller): string | undefined {
	return caller.proof === 'key' || isAnonymous(caller) ? undefined : caller.user;
}

function isAnonymous({ proof, user }: Caller): boolean {
	return proof === 'none' && user?.startsWith(ANONYMOUS) === true;
}

export const idSchema = z.string().refine(isId, 'should be an id');

const encoded = z.object({
	proof: z.enum(['none', 'token', 'key']),
	user: idSchema.optional(),
	server: idSchema.optional(),
	videos: z.array(idSchema).optional(),
	conversations: z.array(idSchema).optional(),
	presence: z.array(idSchema).optional(),
	topics: z.array(idSchema).optional(),
	can: z.array(z.enum(ACTIONS)).optional(),
	// JSON has no infinity and writes null.
	expiresAt: z.number().nullable(),
});

/**
 * Returns the caller as a header for another node, which then skips the proof. ASCII, since all names
 * are ids.
 */
export function encodeCaller(caller: Caller): string {
	return JSON.stringify(caller);
}

/** Returns the caller that {@link encodeCaller} wrote. Throws a {@link Rejection} for any other text. */
export function decodeCaller(text: string): Caller {
	try {
		const { expiresAt, ...caller } = encoded.parse(JSON.parse(text));
		return makeCaller({ ...caller, ...(expiresAt !== null && { expiresAt }) });
	} catch (cause) {
		throw new Rejection('unauthorized', 'caller_malformed', 'The forwarded request has no valid caller.', { cause });
	}
}
