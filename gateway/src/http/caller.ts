import { isId } from '@likewire/protocol';
import { z } from 'zod';
import { GatewayError } from '../errors.ts';
import { Refusal } from './refusals.ts';

/** What a token can allow, as its claim `can` names it: to follow videos and read them; to like, and take likes back. */
export const ACTIONS = ['watch', 'like'] as const;

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
	/** What they may do; undefined for everything. */
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
		can: undefined,
		expiresAt: Number.POSITIVE_INFINITY,
		...caller,
	};
}

/** Throws a {@link Refusal} unless the caller may do this to all of these videos. */
export function authorize({ can, videos: allowed }: Caller, action: Action, videos: readonly string[]): void {
	if (can !== undefined && !can.includes(action)) {
		throw new Refusal('forbidden', 'action_forbidden', `The token does not allow to ${action}.`);
	}
	const other = allowed && videos.find((video) => !allowed.includes(video));
	if (other !== undefined) {
		throw new Refusal('forbidden', 'video_forbidden', `The token does not allow the video ${other}.`);
	}
}

/** The user a request is for. Throws `user_required` when a server names nobody. */
export function userOf({ user }: Caller): string {
	if (user !== undefined) return user;
	throw new GatewayError('user_required', 'Name the user that the server acts for in X-Likewire-User.');
}

export const idSchema = z.string().refine(isId, 'should be an id');

const encoded = z.object({
	proof: z.enum(['none', 'token', 'key']),
	user: idSchema.optional(),
	server: idSchema.optional(),
	videos: z.array(idSchema).optional(),
	can: z.array(z.enum(ACTIONS)).optional(),
	// JSON has no infinity and says null.
	expiresAt: z.number().nullable(),
});

/** The caller as a header of another node, which need not check the proof again. ASCII, for all names are ids. */
export function encodeCaller(caller: Caller): string {
	return JSON.stringify(caller);
}

/** The caller that {@link encodeCaller} wrote. Throws a {@link Refusal} for any other text. */
export function decodeCaller(text: string): Caller {
	try {
		const { expiresAt, ...caller } = encoded.parse(JSON.parse(text));
		return makeCaller({ ...caller, ...(expiresAt !== null && { expiresAt }) });
	} catch (cause) {
		throw new Refusal('unauthorized', 'caller_malformed', 'The request was forwarded without its caller.', { cause });
	}
}
