import { isId } from '@likewire/protocol';
import { SignJWT } from 'jose';
import { invalidOption, LikewireServerError } from './errors.ts';

/** What a token can allow: `watch`, `like` and the like. A token without a list allows everything but to moderate. */
export type Right = 'watch' | 'like' | 'comment' | 'signal' | 'moderate';

const RIGHTS: readonly string[] = ['watch', 'like', 'comment', 'signal', 'moderate'] satisfies Right[];

/** The shortest and the longest life of a token, in milliseconds: a second, and 24 hours. */
const [MIN_LIFE_MS, MAX_LIFE_MS] = [1_000, 24 * 60 * 60_000];

/** Whom a token is for, and what it allows. */
export interface TokenOptions {
	/** The user: 1 to 128 characters of `A-Z a-z 0-9 _ - . ~ :`. */
	readonly user: string;
	/** The videos that it allows. Default: all. */
	readonly videos?: readonly string[] | undefined;
	/** The topics of your own that it allows. Default: all. */
	readonly topics?: readonly string[] | undefined;
	/** The conversations that it allows. Default: none. */
	readonly conversations?: readonly string[] | undefined;
	/** The users whose presence it shows, beside the user's own. Default: none. */
	readonly presence?: readonly string[] | undefined;
	/** What it allows to do. Default: everything but to moderate. */
	readonly can?: readonly Right[] | undefined;
	/**
	 * How long it is good for, in milliseconds, from 1,000 to 86,400,000. Browsers send tokens in the address of a stream:
	 * make them short-lived, and let the SDK fetch the next one. Default 600,000 (10 minutes).
	 */
	readonly expiresInMs?: number | undefined;
}

function checkIds(name: string, ids: unknown): void {
	if (ids === undefined) return;
	const wrong = Array.isArray(ids) ? ids.find((id) => typeof id !== 'string' || !isId(id)) : ids;
	if (Array.isArray(ids) && wrong === undefined && !ids.includes(undefined)) return;
	throw invalidOption(`${name}: ${JSON.stringify(wrong)} is no id of 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :`);
}

/** Signs a JWT as the gateway checks it: https://www.rfc-editor.org/rfc/rfc7519. Rejects with a {@link LikewireServerError}. */
export async function signToken(secret: string, options: TokenOptions): Promise<string> {
	const { user, videos, topics, conversations, presence, can, expiresInMs = 600_000 } = options;
	if (typeof user !== 'string' || !isId(user)) {
		throw new LikewireServerError(
			'invalid_user_id',
			`${JSON.stringify(user)} is no id of a user: an id has 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :`,
		);
	}
	for (const [name, ids] of Object.entries({ videos, topics, conversations, presence })) checkIds(name, ids);
	if (can !== undefined && !(Array.isArray(can) && can.every((right) => RIGHTS.includes(right)))) {
		throw invalidOption(`can: has to be a list of ${RIGHTS.join(', ')}.`);
	}
	if (!(expiresInMs >= MIN_LIFE_MS && expiresInMs <= MAX_LIFE_MS)) {
		throw invalidOption(`expiresInMs: has to be from ${MIN_LIFE_MS} to ${MAX_LIFE_MS}.`);
	}
	// Undefined claims are left out of the JSON.
	return new SignJWT({ videos, topics, conversations, presence, can })
		.setProtectedHeader({ alg: 'HS256' })
		.setSubject(user)
		.setIssuedAt()
		.setExpirationTime(Math.ceil((Date.now() + expiresInMs) / 1_000))
		.sign(new TextEncoder().encode(secret));
}
