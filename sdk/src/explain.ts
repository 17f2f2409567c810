import { paths } from '@likewire/protocol';
import { LikewireError, type LikewireErrorCode, temporary } from './errors.ts';
import { refusal } from './refusal.ts';

/**
 * Returns the error when a proxy, a captive portal or another server answered with success.
 * Returns undefined for the answer of a gateway.
 */
function misunderstanding(url: string, expected: string, response: Response): LikewireError | undefined {
	const type = response.headers.get('Content-Type') ?? '';
	if (response.redirected && new URL(response.url).origin !== new URL(url).origin) {
		return temporary(
			'redirected',
			`${url} leads to ${new URL(response.url).origin}; give the client the address itself.`,
		);
	}
	if (response.status === 204) return temporary('empty_answer', `${url} answered 204, which no gateway does.`);
	if (type.includes(expected)) return undefined;
	const [code, what]: [LikewireErrorCode, string] = /html/.test(type)
		? ['html_answer', 'a page: is this a captive portal, or the address of a web site?']
		: ['unexpected_answer', `"${type}" and no stream.`];
	return temporary(code, `${url} answered with ${what}`);
}

/** Returns the error when a page learns no reason: browsers do not say why a request failed. */
function unknown(url: string, cause: unknown): LikewireError {
	const causes = 'no network, a gateway that is down, an origin that the gateway does not allow (CORS), or a blocker';
	return temporary('network', `${url} could not be reached: ${causes}.`, cause);
}

/**
 * Returns why this address gives no stream or poll; undefined when it does give one.
 * An EventSource or a WebSocket does not expose the reason. `url` is the address in messages: it has no query.
 */
export async function explain(address: string, url: string, signal: AbortSignal): Promise<LikewireError | undefined> {
	const asking = new AbortController();
	const stop = () => asking.abort();
	let isForbidden = false;
	const onViolation = ({ blockedURI }: SecurityPolicyViolationEvent) => {
		isForbidden ||= blockedURI.startsWith(new URL(url).origin);
	};
	const page = typeof document === 'object' ? document : undefined;
	page?.addEventListener('securitypolicyviolation', onViolation);
	signal.addEventListener('abort', stop);
	try {
		const response = await fetch(address, { signal: asking.signal });
		if (!response.ok) return refusal(url, response, await response.json().catch(() => undefined));
		return misunderstanding(url, address.includes(paths.poll) ? 'json' : 'event-stream', response);
	} catch (cause) {
		// The browser reports the violation in a task of its own.
		if (page !== undefined) await new Promise((resolve) => setTimeout(resolve));
		if (!isForbidden) return unknown(url, cause);
		const remedy = `add ${new URL(url).origin} to connect-src`;
		return new LikewireError('csp_forbidden', `The page's Content-Security-Policy forbids ${url}: ${remedy}.`, {
			cause,
		});
	} finally {
		page?.removeEventListener('securitypolicyviolation', onViolation);
		signal.removeEventListener('abort', stop);
		// A stream that opens after all would stay open, and count as a viewer.
		stop();
	}
}
