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
    // How long something may take at most is no promise of a test: a busy machine takes its time.
    files: ['**/*.test.ts', '**/testing*.ts', 'test/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name=/^wait(For|Until)$/][arguments.length=1]',
          message: 'Without a `timeout` it gives up after one second: say 20 seconds or more.',
        },
        {
          selector: 'Property[key.name="timeout"] > Literal[value<20000]',
          message: 'A busy machine needs longer: say 20 seconds or more.',
        },
        {
          selector: 'CallExpression[callee.property.name=/^wait(For|Until)$/] > Literal[value<20000]',
          message: 'A busy machine needs longer: say 20 seconds or more.',
        },
      ],
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
