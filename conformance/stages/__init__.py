"""The verbs: one file and one public function each; none imports another, none touches the world."""
