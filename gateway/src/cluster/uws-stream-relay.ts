import type { HttpResponse } from 'uWebSockets.js';
import type { Dispatcher } from 'undici';
import { GatewayError } from '../errors.ts';
import { type Headers, problem, statusLine } from '../http/answer.ts';

const COMMENT = new TextEncoder().encode(':\n\n');

/** Hands the stream of another node through to a viewer; a viewer who reads slowly slows the other node down. */
export function relayStream(
	agent: Dispatcher,
	target: Dispatcher.DispatchOptions,
	res: HttpResponse,
	cors: Headers,
): void {
	let open = true;
	let begun = false;
	let controller: Dispatcher.DispatchController | undefined;

	function begin(status: number, headers: Headers): void {
		begun = true;
		res.writeStatus(statusLine(status));
		for (const set of [headers, cors]) for (const [name, value] of Object.entries(set)) res.writeHeader(name, value);
	}

	res.onAborted(() => {
		open = false;
		controller?.abort(new Error('the viewer left'));
	});
	res.onWritable(() => {
		controller?.resume();
		// The server library sends the rest of what it holds only with the next write.
		res.cork(() => res.write(COMMENT));
		return true;
	});
	agent.dispatch(target, {
		onRequestStart(request) {
			controller = request;
			if (!open) request.abort(new Error('the viewer left'));
		},
		onResponseStart(_, status, headers) {
			if (!open) return;
			const kept: Record<string, string> = {};
			for (const name of ['content-type', 'cache-control', 'x-accel-buffering', 'retry-after']) {
				if (headers[name]) kept[name] = String(headers[name]);
			}
			res.cork(() => begin(status, kept));
		},
		onResponseData(request, chunk) {
			if (!open) return;
			res.cork(() => {
				if (!res.write(chunk)) request.pause();
			});
		},
		onResponseEnd() {
			if (!open) return;
			open = false;
			res.cork(() => res.end());
		},
		onResponseError() {
			if (!open) return;
			open = false;
			if (begun) {
				res.close();
				return;
			}
			const { status, headers, body } = problem(
				new GatewayError('node_unavailable', 'No node that could do this answers now; try again.'),
			);
			res.cork(() => {
				begin(status, headers);
				res.end(body);
			});
		},
	});
}
