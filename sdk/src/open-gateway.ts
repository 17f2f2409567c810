import { isUnauthorized, LikewireError } from './errors.ts';
import type { Gateway, GatewayOptions } from './gateway-access.ts';
import { request } from './request.ts';
import { startQueue } from './writes/start-queue.ts';

const REMEDIES = {
	EventSource:
		'In Node, install the package "eventsource" and set globalThis.EventSource; in React Native, use another transport.',
	WebSocket: 'Run it in an app of React Native.',
};

/** Starts to send to the gateway of a client, first what earlier pages of its user left. */
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
			if (name !== undefined) throw new LikewireError('invalid_option', `${name} is missing. ${REMEDIES[name]}`);
			return push(write);
		},
		read: (path) => read(path),
		async signal(path, body) {
			try {
				await request({ url: urlAt(current()) + path, method: 'POST', body, identity, signal });
			} catch (error) {
				// A signal without an answer is lost, and soon outdated; a refusal is a mistake of the caller.
				if (error instanceof LikewireError && !error.retryable && error.code !== 'closed') onError(error);
			}
		},
	};
}
