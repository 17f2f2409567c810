import { createClient } from '@likewire/sdk/react-native';
import AsyncStorage from '@react-native-async-storage/async-storage';
import NetInfo from '@react-native-community/netinfo';
import { AppState } from 'react-native';

/** One client for the whole app. In production, set a `token` function instead of `user`. */
export const live = createClient({
	// The iOS simulator reaches your computer at this address; Android after `adb reverse tcp:8080 tcp:8080`.
	url: 'http://127.0.0.1:8080',
	user: 'ann',
	appState: AppState,
	netInfo: NetInfo,
	storage: AsyncStorage,
});
