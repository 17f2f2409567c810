import { isId, MAX_ID_LENGTH, parseUuid } from '@likewire/protocol';
import { GatewayError } from '../runtime/errors.ts';

const FORM = `1 to ${MAX_ID_LENGTH} characters of A-Z a-z 0-9 _ - . ~ :`;

/** Returns the text as the id of a video. Throws a {@link GatewayError}. */
export function asVideoId(text: string | undefined): string {
	if (text !== undefined && isId(text)) return text;
	throw new GatewayError('invalid_video_id', `A video id has ${FORM}.`);
}

/** Returns the text as the id of a user. Throws a {@link GatewayError}. */
export function asUserId(text: string): string {
	if (isId(text)) return text;
	throw new GatewayError('invalid_user_id', `A user id has ${FORM}.`);
}

/** Returns the text as the id of a conversation. Throws a {@link GatewayError}. */
export function asConversationId(text: string | undefined): string {
	if (text !== undefined && isId(text)) return text;
	throw new GatewayError('invalid_conversation_id', `A conversation id has ${FORM}.`);
}

/** Returns the text as the id of an event that a server published. Throws a {@link GatewayError}. */
export function asEventId(text: string): string {
	if (isId(text)) return text;
	throw new GatewayError('invalid_event_id', `The id of an event has ${FORM}.`);
}

/** Returns the text as the id of a like in its canonical spelling. Throws a {@link GatewayError}. */
export function asLikeId(text: string | undefined): string {
	const id = parseUuid(text ?? '');
	if (id === undefined) throw new GatewayError('invalid_like_id', 'The id of a like is a UUID.');
	return id;
}

/** Returns the text as the id of a comment in its canonical spelling. Throws a {@link GatewayError}. */
export function asCommentId(text: string | undefined): string {
	const id = parseUuid(text ?? '');
	if (id === undefined) throw new GatewayError('invalid_comment_id', 'The id of a comment is a UUID.');
	return id;
}
