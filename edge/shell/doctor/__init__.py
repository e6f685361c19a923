"""What `lobbyd doctor` looks at: findings, each that is not well with its remedy in one sentence."""
