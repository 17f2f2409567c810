import { LikewireError } from './errors.ts';
import type { Identity } from './identity.ts';
import { refusal } from './refusal.ts';

/** How long an answer may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

export interface PostRequest {
	readonly url: string;
	readonly body: unknown;
	readonly identity: Identity;
	/** Gives up: the call rejects with whatever the signal was aborted with. */
	readonly signal: AbortSignal;
}

async function send({ url, body, identity, signal }: PostRequest): Promise<unknown> {
	const headers = await identity.headers();
	signal.throwIfAborted();
	const response = await fetch(url, {
		method: 'POST',
		headers: { ...headers, 'Content-Type': 'application/json' },
		body: JSON.stringify(body),
		signal,
	});
	const answer: unknown = await response.json().catch((error: unknown) => {
		signal.throwIfAborted();
		// Not JSON, or cut off: a proxy's page, or a captive portal, which says 200 to everything.
		if (!response.ok) return undefined;
		const message = `${url} answered ${response.status} without readable JSON.`;
		throw new LikewireError('unexpected_answer', message, { retryable: true, cause: error });
	});
	if (!response.ok) throw refusal(url, response, answer);
	return answer;
}

/** Posts JSON and answers with the JSON that comes back. Rejects with a {@link LikewireError}, in ten seconds at the latest. */
export async function post(request: PostRequest): Promise<unknown> {
	const controller = new AbortController();
	const giveUp = () => controller.abort(request.signal.reason);
	const timer = setTimeout(() => {
		const message = `${request.url} did not answer within ${TIMEOUT_MS} ms.`;
		controller.abort(new LikewireError('timeout', message, { retryable: true }));
	}, TIMEOUT_MS);
	// A token function may never settle, and that cannot be aborted: whichever comes first counts.
	const aborted = new Promise<never>((_, reject) => {
		controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
	});
	request.signal.addEventListener('abort', giveUp);
	if (request.signal.aborted) giveUp();
	try {
		return await Promise.race([send({ ...request, signal: controller.signal }), aborted]);
	} catch (cause) {
		if (cause instanceof LikewireError) throw cause;
		if (controller.signal.aborted) throw controller.signal.reason;
		throw new LikewireError('network', `${request.url} could not be reached.`, { retryable: true, cause });
	} finally {
		clearTimeout(timer);
		request.signal.removeEventListener('abort', giveUp);
	}
}
