import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/**', 'node_modules/**', '.dependency-cruiser.cjs', 'lab/**'] },
  ...tseslint.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-warning-comments': ['error', { terms: ['prettier-ignore'], location: 'anywhere' }],
    },
  },
  {
    // Tables that are read by column: the only files that may keep their own layout.
    files: [
      'src/network/{collections,advanced-collections}.ts',
      'packages/simulated-openstack/src/releases.ts',
      'packages/openstack-adapter/src/network/extension-words.ts',
      'packages/simulated-openstack/src/network/shapes.test.ts',
      'test/calibration/protocol-requests.ts',
    ],
    rules: { 'no-warning-comments': 'off' },
  },
);
