/** What Kubernetes sets for a Service called `likewire-internal`, all of it behind `LIKEWIRE_INTERNAL`. */
const LINK = /^(.+?)_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;

/**
 * The environment without the variables that Kubernetes sets in each pod for each Service of its namespace
 * (`enableServiceLinks`): a Service called `likewire` sets `LIKEWIRE_PORT=tcp://10.0.0.1:8080`, which is no setting. A
 * port counts as one of these only by its value, and each only beside the `…_SERVICE_HOST` that comes with it.
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
