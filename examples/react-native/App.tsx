import { LikewireProvider } from '@likewire/sdk/react';
import { SafeAreaView, StyleSheet } from 'react-native';
import { live } from './live';
import { Stage } from './Stage';

export function App() {
	return (
		<LikewireProvider client={live}>
			<SafeAreaView style={styles.app}>
				<Stage video="my-video" />
			</SafeAreaView>
		</LikewireProvider>
	);
}

const styles = StyleSheet.create({ app: { flex: 1, backgroundColor: '#111' } });
