import { MAX_ID_LENGTH } from './limits.ts';

const ID = new RegExp(`^[A-Za-z0-9_.~:-]{1,${MAX_ID_LENGTH}}$`);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const REACTION = /^[a-z][a-z0-9_-]{0,31}$/;

/** Returns whether `text` is a valid id of a video or a user. `.` and `..` are not, since clients resolve them in paths. */
export function isId(text: string): boolean {
	return ID.test(text) && text !== '.' && text !== '..';
}

/**
 * Returns whether servers can publish on the topic `text`: an id for a custom topic, or `video:` or `conversation:` with the
 * id of a video or conversation.
 */
export function isTopicName(text: string): boolean {
	return isId(text.replace(/^(video|conversation):/, ''));
}

/**
 * Returns the UUID in lower case, the form that is stored and compared; undefined when `text` is not a UUID. It accepts any
 * version, since only the client is responsible for the randomness of its ids.
 */
export function parseUuid(text: string): string | undefined {
	const uuid = text.toLowerCase();
	return UUID.test(uuid) ? uuid : undefined;
}

/**
 * Returns whether `text` is a valid reaction type: a lower-case word of at most 32 characters. Inherited properties of
 * objects, such as `constructor`, are not.
 */
export function isReactionType(text: string): boolean {
	return REACTION.test(text) && !(text in Object.prototype);
}
