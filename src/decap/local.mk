# decap
