import type { HttpRequest } from 'uWebSockets.js';
import { isIP } from 'node:net';
import { quote } from '../runtime/quote.ts';
import type { AllowedOrigins } from './origins.ts';
import { Rejection } from './rejections.ts';

export interface GuardsOptions {
	/** Whether the gateway believes every client. */
	readonly isDevelopment: boolean;
	readonly allowedOrigins: AllowedOrigins;
	/** The names by which clients and proxies may call the public port in development mode. */
	readonly trustedHosts: readonly string[];
	/** The names by which clients may call the internal port. */
	readonly internalHosts: readonly string[];
}

/** Returns the guards of both ports; undefined for a public port where every request has a proof. */
export function createGuards({ isDevelopment, allowedOrigins, trustedHosts, internalHosts }: GuardsOptions): {
	readonly public: Guard | undefined;
	readonly internal: Guard;
} {
	const internalHost = createHostGuard({ hosts: internalHosts, exempt: '/internal/' });
	if (!isDevelopment) return { public: undefined, internal: internalHost };
	const proxy = createProxyGuard(trustedHosts);
	const origin = createOriginGuard((page) => allowedOrigins === '*' || allowedOrigins(page));
	return {
		public: firstRefusal(createHostGuard({ hosts: trustedHosts }), proxy, origin),
		internal: firstRefusal(internalHost, proxy),
	};
}

/** Checks a request before all else; returns why it is refused, undefined when it is not. */
export type Guard = (req: HttpRequest) => Rejection | undefined;

/** Headers that only a proxy adds. */
const PROXY_HEADER = /^(forwarded|via|x-forwarded-.*)$/;

interface HostGuardOptions {
	/**
	 * Names, in lower case and without a port, by which clients may call a listener, with `localhost` and
	 * addresses.
	 */
	readonly hosts: readonly string[];
	/** The prefix of paths without this check: their requests have a secret, which no page knows. */
	readonly exempt?: string;
}

/**
 * Refuses a `Host` that is a name, unless it is listed. The owner of a page can point its name at a
 * listener of this network after the page is loaded: DNS rebinding. The owner cannot redirect an
 * address.
 */
function createHostGuard({ hosts, exempt }: HostGuardOptions): Guard {
	return (req) => {
		const name = hostName(req.getHeader('host'));
		if (name === 'localhost' || isIP(name) !== 0 || hosts.includes(name)) return undefined;
		if (exempt !== undefined && req.getUrl().startsWith(exempt)) return undefined;
		const remedy = 'use localhost or an IP address, or add it to LIKEWIRE_TRUSTED_HOSTS';
		return new Rejection('host_forbidden', 'host_forbidden', `The Host ${quote(name)} is not trusted; ${remedy}.`);
	};
}

/**
 * Refuses requests through a proxy, except to a listed `Host`: a proxy on this machine would publish a
 * gateway that believes every client.
 */
function createProxyGuard(hosts: readonly string[]): Guard {
	return (req) => {
		let proxied: string | undefined;
		req.forEach((header) => {
			if (PROXY_HEADER.test(header)) proxied = header;
		});
		if (proxied === undefined || hosts.includes(hostName(req.getHeader('host')))) return undefined;
		const detail =
			`The request came through a proxy (${proxied}), and development mode authenticates no caller; set ` +
			'LIKEWIRE_JWT_SECRET, or add the Host of the proxy to LIKEWIRE_TRUSTED_HOSTS.';
		return new Rejection('proxy_forbidden', 'proxy_forbidden', detail);
	};
}

/**
 * Refuses pages of origins other than the allowed ones and its own. For a gateway that requires no
 * proof.
 */
function createOriginGuard(isAllowed: (origin: string) => boolean): Guard {
	return (req) => {
		const origin = req.getHeader('origin');
		if (origin === '') return isSilentPage(req) ? originRefusal('another site') : undefined;
		// The host guard has checked the Host: a page of that address is the gateway's own.
		const isOwn = origin.replace(/^https?:\/\//, '') === req.getHeader('host');
		return isOwn || isAllowed(origin) ? undefined : originRefusal(quote(origin));
	};
}

/**
 * Returns why a page may not open a WebSocket: browsers send no preflight for one, as they do for a
 * write, and let any page open it. Clients that are no pages send no `Origin`.
 */
export function pageRefusal(req: HttpRequest, allowed: AllowedOrigins): Rejection | undefined {
	const origin = req.getHeader('origin');
	if (origin === '' || allowed === '*' || allowed(origin)) return undefined;
	if (origin.replace(/^https?:\/\//, '') === req.getHeader('host')) return undefined;
	const detail = `Pages of ${quote(origin)} may not open a socket: list the origin in LIKEWIRE_ALLOWED_ORIGINS.`;
	return new Rejection('origin_forbidden', 'origin_forbidden', detail);
}

/**
 * Returns whether a page of another site loads an image or a script from here: then browsers send no
 * `Origin`.
 */
function isSilentPage(req: HttpRequest): boolean {
	return (
		req.getHeader('sec-fetch-site') === 'cross-site' &&
		req.getHeader('sec-fetch-mode') !== 'navigate' &&
		req.getUrl().startsWith('/v1/')
	);
}

function originRefusal(what: string): Rejection {
	const detail =
		`Pages of ${what} may not use a gateway in development mode: list the origin in LIKEWIRE_ALLOWED_ORIGINS, or set ` +
		'LIKEWIRE_JWT_SECRET.';
	return new Rejection('origin_forbidden', 'origin_forbidden', detail);
}

/** Returns a guard that returns the first refusal of several guards. */
function firstRefusal(...guards: readonly Guard[]): Guard {
	return (req) => {
		for (const guard of guards) {
			const refusal = guard(req);
			if (refusal !== undefined) return refusal;
		}
		return undefined;
	};
}

/** Returns the name or address in a `Host`, in lower case, without port and brackets. */
export function hostName(host: string): string {
	return host
		.toLowerCase()
		.replace(/:\d*$/, '')
		.replace(/^\[(.*)\]$/, '$1');
}
