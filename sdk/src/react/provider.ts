import { createContext, createElement, type ReactElement, type ReactNode, useContext, useEffect, useMemo } from 'react';
import type { Client, ClientOptions } from '../index.ts';
import { type ClientScope, ownClient, sharedClient } from './client-scope.ts';

const ScopeContext = createContext<ClientScope | undefined>(undefined);

/** Either a client that the page made, or the options of one that the provider makes and closes. */
export type LikewireProviderProps = {
	/** The components that use the hooks. */
	readonly children?: ReactNode;
} & (
	| {
			/** A client that the page made, and closes. Default: the provider makes one. */
			readonly client: Client;
	  }
	| ({ readonly client?: undefined } & ClientOptions)
);

/**
 * Gives the hooks below it one client, and so one stream, for any number of components.
 * With options, it makes the client when it mounts and closes it when it unmounts. A change of `url`, `user` or
 * `transport` makes another client. A `token` function may change with each render: the client calls the newest.
 *
 * @example
 * <LikewireProvider url="https://live.example.com" token={fetchToken}>
 *   <Reactions video="v1" />
 * </LikewireProvider>
 */
export function LikewireProvider({ children, ...props }: LikewireProviderProps): ReactElement {
	const scope = useScope(props);
	useEffect(() => {
		scope.acquire();
		return scope.release;
	}, [scope]);
	return createElement(ScopeContext.Provider, { value: scope }, children);
}

function useScope(props: Omit<LikewireProviderProps, 'children'>): ClientScope {
	const client = props.client as Client | undefined;
	const { url, token, user, transport, storage } = props as ClientOptions;
	const list = typeof url === 'string' || url === undefined ? url : url.join(' ');
	const fixed = typeof token === 'function' ? undefined : token;
	const newest = useMemo(() => ({ token }), []);
	useEffect(() => {
		newest.token = token;
	}, [newest, token]);
	return useMemo(() => {
		if (client !== undefined) return sharedClient(client);
		const ask = async () => (typeof newest.token === 'function' ? newest.token() : (newest.token ?? ''));
		return ownClient({ url, user, transport, storage, token: typeof token === 'function' ? ask : fixed });
	}, [client, list, user, transport, storage, fixed, typeof token]);
}

/** Returns the scope around a component. Throws without a provider. */
export function useClientScope(): ClientScope {
	const scope = useContext(ScopeContext);
	if (scope !== undefined) return scope;
	throw new Error('No <LikewireProvider> is above this component; put one around the app.');
}
