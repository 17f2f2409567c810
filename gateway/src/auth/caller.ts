import { randomUUID } from 'node:crypto';
import { isId } from '@likewire/protocol';
import { z } from 'zod';
import { Rejection, type RejectionReason } from '../http/rejections.ts';
import { GatewayError } from '../runtime/errors.ts';
import { idOf, kindOf, type TopicKind } from '../state/topics/topic.ts';

/**
 * What a token can allow, as its claim `can` names it: to follow things and read them; to like, and take likes back; to
 * comment, and delete one's own comments; to signal that one types, or has read; to delete what others wrote.
 */
export const ACTIONS = ['watch', 'like', 'comment', 'signal', 'moderate'] as const;

export type Action = (typeof ACTIONS)[number];

/** Who sends a request, and what they may. */
export interface Caller {
	/** How they showed it; in development mode nobody has to. */
	readonly proof: 'none' | 'token' | 'key';
	/** Whom the request is for; undefined when a server names nobody. */
	readonly user: string | undefined;
	/** The name of the server's API key; undefined when it is no server. */
	readonly server: string | undefined;
	/** The videos they may name; undefined for all. */
	readonly videos: readonly string[] | undefined;
	/** The conversations they may name; undefined for all. */
	readonly conversations: readonly string[] | undefined;
	/** Whose presence they may see, beside their own; undefined for everybody's. */
	readonly presence: readonly string[] | undefined;
	/** The topics of an operator's own that they may name; undefined for all. */
	readonly topics: readonly string[] | undefined;
	/** What they may do; undefined for everything but to moderate. */
	readonly can: readonly Action[] | undefined;
	/** When the proof ends, in Unix milliseconds; infinite when it does not. */
	readonly expiresAt: number;
}

/** Somebody who may do everything; `caller` says what is known of them, and what they may not. */
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
 * The caller that a connection belongs to, as a text to compare: empty for an anonymous viewer of development mode, whose
 * connection belongs to any client that knows its id.
 */
export function connectionOwner(caller: Caller): string {
	return isAnonymous(caller) ? '' : `${caller.proof} ${caller.user ?? ''}`;
}

/** Whether a caller may change a connection with this {@link connectionOwner}: its owner may, and a server for it. */
export function mayChangeConnection(owner: string, caller: Caller): boolean {
	return caller.proof === 'key' || owner === '' || owner === connectionOwner(caller);
}

/** Throws a {@link Rejection} unless the caller may do this to all of these videos. */
export function authorize(caller: Caller, action: Action, videos: readonly string[]): void {
	allow(caller, action);
	for (const video of videos) allowTopic(caller, 'video', video);
}

/** Throws a {@link Rejection} unless the caller may do this, follow them if not said otherwise, to all of these topics. */
export function authorizeTopics(caller: Caller, topics: readonly string[], action: Action = 'watch'): void {
	allow(caller, action);
	for (const topic of topics) allowTopic(caller, kindOf(topic), idOf(topic));
}

/** Topics that were asked for: those that the caller may follow, and the others with the reason. */
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

/** Whether the caller may delete what others wrote: a server may, and whoever's token says so in as many words. */
export function isModerator({ proof, can }: Caller): boolean {
	return proof === 'key' || (proof === 'token' && can?.includes('moderate') === true);
}

/** Throws a {@link Rejection} for a viewer's token. In development mode everybody is who they say. */
export function authorizeServer({ proof }: Caller): void {
	if (proof !== 'token') return;
	throw new Rejection('forbidden', 'action_forbidden', 'Only a server can do this, with its API key.');
}

function allow(caller: Caller, action: Action): void {
	const refusal = actionRefusal(caller, action);
	if (refusal !== undefined) throw refusal;
}

function actionRefusal({ can }: Caller, action: Action): Rejection | undefined {
	if (can === undefined || can.includes(action)) return undefined;
	return new Rejection('forbidden', 'action_forbidden', `The token does not allow to ${action}.`);
}

/** For each kind of topics, which of them a caller may name, and what a refusal says. */
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
	// Counts likes; nobody follows it.
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

/** The user a request is for. Throws `user_required` when a server names nobody. */
export function userOf({ user }: Caller): string {
	if (user !== undefined) return user;
	throw new GatewayError('user_required', 'Name the user that the server acts for in X-Likewire-User.');
}

const ANONYMOUS = 'anonymous-';

/** Somebody without a name, which development mode lets in. */
export function anonymousUser(): string {
	return `${ANONYMOUS}${randomUUID()}`;
}

/**
 * The user of a write with an id. A caller without a name has another random one with every request: named after the id
 * of its write, it is the same user when it sends the write again.
 */
export function writerOf(caller: Caller, id: string): string {
	return isAnonymous(caller) ? ANONYMOUS + id : userOf(caller);
}

/** The user who is online while this caller watches: undefined for a server, and for an anonymous viewer. */
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
	// JSON has no infinity and says null.
	expiresAt: z.number().nullable(),
});

/** The caller as a header of another node, which need not check the proof again. ASCII, for all names are ids. */
export function encodeCaller(caller: Caller): string {
	return JSON.stringify(caller);
}

/** The caller that {@link encodeCaller} wrote. Throws a {@link Rejection} for any other text. */
export function decodeCaller(text: string): Caller {
	try {
		const { expiresAt, ...caller } = encoded.parse(JSON.parse(text));
		return makeCaller({ ...caller, ...(expiresAt !== null && { expiresAt }) });
	} catch (cause) {
		throw new Rejection('unauthorized', 'caller_malformed', 'The request was forwarded without its caller.', { cause });
	}
}
