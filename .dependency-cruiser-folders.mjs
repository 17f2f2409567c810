import files from './.dependency-cruiser.mjs';

/** Of two folders, one does not know the other. Tests may import from anywhere. */
export default {
	forbidden: [
		{
			name: 'no-cycles-of-folders',
			severity: 'error',
			scope: 'folder',
			from: {},
			to: { circular: true },
		},
	],
	options: {
		...files.options,
		exclude: { path: '(^|/)dist/|\\.test\\.ts$|^gateway/test/|^sdk/testing/' },
	},
};
