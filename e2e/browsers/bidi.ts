import { WebSocket } from 'undici';

/** A connection that speaks WebDriver BiDi. */
export interface Bidi {
	/** Sends a command, and resolves with its result. Rejects with the error of the browser. */
	send<Result>(method: string, params?: object): Promise<Result>;
}

interface Answer {
	readonly id: number;
	readonly type: 'success' | 'error';
	readonly result: unknown;
	readonly error: string;
	readonly message: string;
}

/** Connects to the WebDriver BiDi endpoint of a browser. */
export async function connectBidi(url: string): Promise<Bidi> {
	const socket = new WebSocket(url);
	const waiting = new Map<number, PromiseWithResolvers>();
	let sent = 0;
	socket.addEventListener('message', ({ data }) => {
		const answer = JSON.parse(data) as Answer;
		const command = waiting.get(answer.id);
		waiting.delete(answer.id);
		if (answer.type === 'success') command?.resolve(answer.result);
		else command?.reject(new Error(`${answer.error}: ${answer.message}`));
	});
	socket.addEventListener('close', () => {
		for (const { reject } of waiting.values()) reject(new Error('the browser closed the connection'));
	});
	await new Promise((resolve, reject) => {
		socket.addEventListener('open', resolve);
		socket.addEventListener('error', ({ error }) => reject(error));
	});
	return {
		send<Result>(method: string, params = {}) {
			const id = ++sent;
			socket.send(JSON.stringify({ id, method, params }));
			return new Promise<Result>((resolve, reject) => {
				waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
			});
		},
	};
}

interface PromiseWithResolvers {
	resolve(result: unknown): void;
	reject(error: Error): void;
}
