export interface PostedLike {
	readonly video: string;
	readonly type: string;
	readonly user: string;
	/** The time of the program that the liker saw, in Unix milliseconds. */
	readonly position?: number | undefined;
}

/** Sends a like without the SDK, and resolves with its id. Rejects when it is not accepted. */
export async function postLike(url: string, { video, type, user, position }: PostedLike): Promise<string> {
	const response = await fetch(`${url}/v1/videos/${video}/likes`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': user },
		body: JSON.stringify({ id: crypto.randomUUID(), type, position }),
	});
	if (!response.ok) throw new Error(`the gateway answered the like with ${response.status}`);
	return ((await response.json()) as { id: string }).id;
}
