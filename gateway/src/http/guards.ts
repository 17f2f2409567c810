import type { HttpRequest } from 'uWebSockets.js';
import { isIP } from 'node:net';
import type { AllowedOrigins } from './origins.ts';
import { Rejection } from './rejections.ts';

export interface GuardsOptions {
	/** Whether the gateway believes every client. */
	readonly isDevelopment: boolean;
	readonly allowedOrigins: AllowedOrigins;
	/** The names by which the public port may be called in development mode, also by a proxy. */
	readonly trustedHosts: readonly string[];
	/** The names by which the internal port may be called. */
	readonly internalHosts: readonly string[];
}

/** The guards of both ports; undefined for a public port where every request shows a proof. */
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

/** Looks at a request before anything else does; returns why it is refused, undefined when it is not. */
export type Guard = (req: HttpRequest) => Rejection | undefined;

/** What another text is repeated up to, in characters. */
const MAX_QUOTED = 80;

/** Headers that only a proxy adds. */
const PROXY_HEADER = /^(forwarded|via|x-forwarded-.*)$/;

interface HostGuardOptions {
	/** Names, in lower case and without a port, by which a listener may be called beside `localhost` and addresses. */
	readonly hosts: readonly string[];
	/** Paths below it are let through: their requests show a secret, which no page knows. */
	readonly exempt?: string;
}

/**
 * Refuses a `Host` that is a name, unless it is listed. A page of the web reaches a listener of this network by a name
 * that its owner points here, once the page is loaded: DNS rebinding. An address cannot be pointed elsewhere.
 */
function createHostGuard({ hosts, exempt }: HostGuardOptions): Guard {
	return (req) => {
		const name = hostName(req.getHeader('host'));
		if (name === 'localhost' || isIP(name) !== 0 || hosts.includes(name)) return undefined;
		if (exempt !== undefined && req.getUrl().startsWith(exempt)) return undefined;
		const remedy = 'use localhost or an IP address, or list the name in LIKEWIRE_TRUSTED_HOSTS';
		return new Rejection(
			'host_forbidden',
			'host_forbidden',
			`The Host ${quote(name)} may belong to any page: ${remedy}.`,
		);
	};
}

/**
 * Refuses what came through a proxy, unless it was sent to a listed `Host`: a proxy on this machine publishes a gateway
 * that believes every client.
 */
function createProxyGuard(hosts: readonly string[]): Guard {
	return (req) => {
		let proxied: string | undefined;
		req.forEach((header) => {
			if (PROXY_HEADER.test(header)) proxied = header;
		});
		if (proxied === undefined || hosts.includes(hostName(req.getHeader('host')))) return undefined;
		const detail =
			`A proxy sent this (${proxied}), and development mode believes every client: set LIKEWIRE_JWT_SECRET, or list the ` +
			'Host that the proxy serves in LIKEWIRE_TRUSTED_HOSTS.';
		return new Rejection('proxy_forbidden', 'proxy_forbidden', detail);
	};
}

/** Refuses pages of other origins than those allowed and the gateway's own. For a gateway that asks for no proof. */
function createOriginGuard(isAllowed: (origin: string) => boolean): Guard {
	return (req) => {
		const origin = req.getHeader('origin');
		if (origin === '') return isSilentPage(req) ? originRefusal('another site') : undefined;
		// The Host was looked at before: a page of that address is the gateway's own.
		const isOwn = origin.replace(/^https?:\/\//, '') === req.getHeader('host');
		return isOwn || isAllowed(origin) ? undefined : originRefusal(quote(origin));
	};
}

/**
 * Why a page may not open a WebSocket: browsers ask for no permission first, as they do before a write, and let any page
 * open one. Clients that are no pages send no `Origin`.
 */
export function pageRefusal(req: HttpRequest, allowed: AllowedOrigins): Rejection | undefined {
	const origin = req.getHeader('origin');
	if (origin === '' || allowed === '*' || allowed(origin)) return undefined;
	if (origin.replace(/^https?:\/\//, '') === req.getHeader('host')) return undefined;
	const detail = `Pages of ${quote(origin)} may not open a socket: list the origin in LIKEWIRE_ALLOWED_ORIGINS.`;
	return new Rejection('origin_forbidden', 'origin_forbidden', detail);
}

/** Whether a page of another site has an image or a script load something here: then browsers send no `Origin`. */
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

/** The first refusal of several guards. */
function firstRefusal(...guards: readonly Guard[]): Guard {
	return (req) => {
		for (const guard of guards) {
			const refusal = guard(req);
			if (refusal !== undefined) return refusal;
		}
		return undefined;
	};
}

/** The name or address in a `Host`, in lower case, without port and brackets. */
export function hostName(host: string): string {
	return host
		.toLowerCase()
		.replace(/:\d*$/, '')
		.replace(/^\[(.*)\]$/, '$1');
}

function quote(text: string): string {
	return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}
