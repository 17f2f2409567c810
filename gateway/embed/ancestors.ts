/**
 * Returns whether a page of an origin may use the embed, by the sources of its `frame-ancestors`. The
 * browser has checked all pages around the embed; this checks the sender of a message.
 */
export function isAncestor(origin: string, sources: readonly string[], own: string): boolean {
	return sources.some((source) => {
		if (source === '*') return /^[a-z]+:\/\//.test(origin);
		if (source === "'self'") return origin === own;
		const [, scheme, hosts = '', port = ''] = /^([a-z]+:\/\/)([^:]+)(:.*)?$/.exec(source) ?? [];
		if (scheme === undefined || !origin.startsWith(scheme)) return false;
		const [, host = '', at = ''] = /^([^:]+)(:\d+)?$/.exec(origin.slice(scheme.length)) ?? [];
		const isHost = hosts.startsWith('*.')
			? host.endsWith(hosts.slice(1)) && host.length >= hosts.length
			: host === hosts;
		return isHost && (port === ':*' || port === at);
	});
}
