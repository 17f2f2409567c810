/** The variables of Kubernetes for a Service, such as `LIKEWIRE_INTERNAL_…` for `likewire-internal`. */
const LINK = /^(.+?)_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;

/**
 * Returns the environment without the variables that Kubernetes sets in each pod for each Service of
 * its namespace (`enableServiceLinks`): a Service called `likewire` sets
 * `LIKEWIRE_PORT=tcp://10.0.0.1:8080`, which is not a setting. A port counts as such a variable only
 * by its value, and each variable only beside its `…_SERVICE_HOST`.
 */
export function withoutServiceLinks(
	env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
	return Object.fromEntries(
		Object.entries(env).filter(([name, value = '']) => {
			const [, service = '', part] = LINK.exec(name) ?? [];
			if (service === '' || env[`${service}_SERVICE_HOST`] === undefined) return true;
			return part === 'PORT' && !/^(tcp|udp|sctp):\/\//.test(value);
		}),
	);
}
