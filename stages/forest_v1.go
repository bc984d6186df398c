package stages

var verdictForest = forest{Scale: 1}
