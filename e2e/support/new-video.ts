/** Returns the id of a new video. */
export function newVideo(): string {
	return `video-${crypto.randomUUID()}`;
}
