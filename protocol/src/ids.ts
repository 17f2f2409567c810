import { MAX_ID_LENGTH } from './limits.ts';

const ID = new RegExp(`^[A-Za-z0-9_.~:-]{1,${MAX_ID_LENGTH}}$`);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const REACTION = /^[a-z][a-z0-9_-]{0,31}$/;

/** Whether `text` can name a video or a user. `.` and `..` cannot: in a path every client takes them for steps. */
export function isId(text: string): boolean {
	return ID.test(text) && text !== '.' && text !== '..';
}

/**
 * Whether `text` can name a topic that servers publish on: one of their own by an id, or what happens around a video or in a
 * conversation by `video:` or `conversation:` and its id.
 */
export function isTopicName(text: string): boolean {
	return isId(text.replace(/^(video|conversation):/, ''));
}

/**
 * The id of a like in the one spelling that is stored and compared, lower case; undefined when `text` is no UUID.
 * Any version is taken: the client alone answers for its randomness.
 */
export function parseUuid(text: string): string | undefined {
	const uuid = text.toLowerCase();
	return UUID.test(uuid) ? uuid : undefined;
}

/**
 * Whether `text` can name a reaction type: a lower-case word of at most 32 characters. What every object has already,
 * which is `constructor`, would be no key of its own in totals.
 */
export function isReactionType(text: string): boolean {
	return REACTION.test(text) && !(text in Object.prototype);
}
