export interface PostedLike {
	readonly video: string;
	readonly type: string;
	readonly user: string;
}

/** Sends a like as any program would, and answers with its id once it is accepted. Rejects when it is not. */
export async function postLike(url: string, { video, type, user }: PostedLike): Promise<string> {
	const response = await fetch(`${url}/v1/videos/${video}/likes`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': user },
		body: JSON.stringify({ id: crypto.randomUUID(), type }),
	});
	if (!response.ok) throw new Error(`the like was answered with ${response.status}`);
	return ((await response.json()) as { id: string }).id;
}
