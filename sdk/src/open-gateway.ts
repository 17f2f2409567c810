import { isUnauthorized, LikewireError } from './errors.ts';
import type { Gateway, GatewayOptions } from './gateway-access.ts';
import { request } from './request.ts';
import { startQueue } from './writes/start-queue.ts';

const REMEDIES = {
	EventSource:
		'In Node, install the package "eventsource" and set globalThis.EventSource; in React Native, take another transport.',
	WebSocket: 'This is no app of React Native.',
};

/** Begins to ask the gateway of a client, and sends what earlier pages of its user left. */
export function openGateway(options: GatewayOptions): Gateway {
	const { urls, identity, current, onError, missing, closing: signal } = options;
	const { push, ...queue } = startQueue(options);
	const urlAt = (place: number) => urls[place % urls.length] ?? urls[0];

	async function read(
		path: string,
		place = current(),
		attempts = urls.length,
		renew = identity.renews,
	): Promise<unknown> {
		try {
			return await request({ url: urlAt(place) + path, method: 'GET', identity, signal });
		} catch (cause) {
			const error = cause as LikewireError;
			if (renew && isUnauthorized(error)) return read(path, place, attempts, false);
			if (!error.retryable || attempts <= 1) throw error;
			return read(path, place + 1, attempts - 1, renew);
		}
	}

	return {
		...queue,
		write(write) {
			const name = missing();
			if (name !== undefined) throw new LikewireError('invalid_option', `No ${name} here. ${REMEDIES[name]}`);
			return push(write);
		},
		read: (path) => read(path),
		async signal(path, body) {
			try {
				await request({ url: urlAt(current()) + path, method: 'POST', body, identity, signal });
			} catch (error) {
				// Without an answer it is lost, and soon not true any more; a refusal is a caller's mistake.
				if (error instanceof LikewireError && !error.retryable && error.code !== 'closed') onError(error);
			}
		},
	};
}
