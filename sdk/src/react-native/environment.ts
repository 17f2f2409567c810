/** The part of React Native's `AppState` that a client uses. */
export interface AppStateLike {
	/** `active`, `background`, or on iOS for a moment `inactive`. */
	readonly currentState: string | null;
	/** Listens for changes, with the new state; `remove` stops that. */
	addEventListener(type: 'change', listener: (state: string) => void): { remove(): void };
}

/** What `@react-native-community/netinfo` says of the network. */
export interface NetworkState {
	/** `wifi`, `cellular`, … */
	readonly type: string;
	/** Whether the phone has a network; null while that is unknown. */
	readonly isConnected: boolean | null;
}

/** The part of `NetInfo` of `@react-native-community/netinfo` that a client uses. */
export interface NetInfoLike {
	/** Listens for changes; returns a function that stops listening. NetInfo calls the listener once at the start. */
	addEventListener(listener: (state: NetworkState) => void): () => void;
}

/** What an app gives its client of the phone; all of it may be left out. */
export interface NativeEnvironment {
	/**
	 * React Native's `AppState`: in the background the client asks for fewer updates, ends its stream after five minutes, and goes
	 * on where it was once the app is active. Without it, a client knows of no background.
	 */
	readonly appState?: AppStateLike | undefined;
	/**
	 * `NetInfo` of `@react-native-community/netinfo`: the client goes on at once when the phone has a network again, or another one.
	 * Without it, that takes until the next attempt, or until the silence is noticed.
	 */
	readonly netInfo?: NetInfoLike | undefined;
	/** Whether the app plays something that its user may watch or hear while it is in the background. Default: it does not. */
	readonly playsMedia?: (() => boolean) | undefined;
}
