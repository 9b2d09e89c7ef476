"""A user's few labelled examples, taught to a bundle without training any network."""
